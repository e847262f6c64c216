"""The platform's parts, one Pulumi component a file, private unless an argument says otherwise."""
