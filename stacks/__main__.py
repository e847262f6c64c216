"""What `pulumi up` runs: one stack for each environment and layer, such as `local.foundation`."""

from lakeplane.program import main
from lakeplane.sdk_adapter import adapt_process

adapt_process()
main()
