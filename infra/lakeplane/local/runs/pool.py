"""Drivers kept for the next job, as an instance pool keeps machines.

Starting a JVM, loading Spark and compiling its first Delta commits takes longer than many tasks. At most one
driver stays idle: one started ahead of the first job, or one that a job left behind in good order.
"""

from __future__ import annotations

import itertools
import logging
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lakeplane.local.places import CloudPlaces
from lakeplane.local.runs.driver_process import DriverEndedError, DriverProcess

__all__ = ["DriverPool", "Fit"]

_LOG = logging.getLogger(__name__)
# As long as the bundled instance pool keeps an idle machine.
IDLE_SECONDS = 15 * 60.0


@dataclass(frozen=True, slots=True)
class Fit:
    """What a driver has been made for, and cannot change any more.

    Attributes:
        environment: Its variables.
        conf: Settings of its session.
        libraries: Wheels on its path; None while no job has configured it, so that any will do.
    """

    environment: Mapping[str, str]
    conf: Mapping[str, str]
    libraries: tuple[str, ...] | None

    def serves(self, wanted: Fit) -> bool:
        """Tell whether a driver made for this serves a job that wants `wanted`."""
        same = self.environment == wanted.environment and self.conf == wanted.conf
        return same and self.libraries in (None, wanted.libraries)


class DriverPool:
    """Hands out drivers for one workspace."""

    def __init__(self, places: CloudPlaces) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._idle: tuple[DriverProcess, Fit] | None = None
        self._warming: threading.Thread | None = None
        self._timer: threading.Timer | None = None
        self._closed = False

    def warm(self, request: Mapping[str, Any], fit: Fit) -> None:
        """Start a driver ahead of the first job, beside whatever else goes on.

        Args:
            request: The driver's `warm` request.
            fit: What it is made for; a job that wants something else gets a driver of its own.
        """
        self._warming = threading.Thread(
            target=self._warm, args=(request, fit), name="warm-driver", daemon=True
        )
        self._warming.start()

    def take(self, wanted: Fit) -> DriverProcess:
        """Return a driver for a job: the idle one if it serves, else a new one.

        One that is being warmed is waited for: it will be ready before a new one could be.
        """
        warming, self._warming = self._warming, None
        if warming is not None:
            warming.join()
        idle = self._take_idle()
        if idle is not None:
            driver, fit = idle
            if fit.serves(wanted):
                return driver
            driver.stop()
        return self._start(wanted.environment)

    def give_back(self, driver: DriverProcess, fit: Fit) -> None:
        """Keep a driver whose job ended well, instead of an older idle one."""
        superseded = self._take_idle()
        with self._lock:
            if self._closed:
                superseded = (driver, fit)
            else:
                self._idle = (driver, fit)
                self._timer = threading.Timer(IDLE_SECONDS, self.close_idle)
                self._timer.daemon = True
                self._timer.start()
        if superseded is not None:
            superseded[0].stop()

    def close_idle(self) -> None:
        """Stop the idle driver, if there is one."""
        idle = self._take_idle()
        if idle is not None:
            idle[0].stop()

    def close(self) -> None:
        """Stop the idle driver and keep none from now on."""
        with self._lock:
            self._closed = True
        self.close_idle()

    def _take_idle(self) -> tuple[DriverProcess, Fit] | None:
        with self._lock:
            idle, self._idle = self._idle, None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        return idle

    def _start(self, environment: Mapping[str, str]) -> DriverProcess:
        log = self._places.layout.logs / "drivers" / f"driver-{os.getpid()}-{next(self._numbers)}.log"
        return DriverProcess(self._places, log, environment)

    def _warm(self, request: Mapping[str, Any], fit: Fit) -> None:
        driver = self._start(fit.environment)
        try:
            answer = driver.request({"warm": request})
        except DriverEndedError:
            answer = {"ready": False, "error": "it ended"}
        if answer["ready"]:
            _LOG.info("a driver is warm after %s s", answer["seconds"])
            self.give_back(driver, fit)
        else:
            # The first job starts a driver of its own and tells what is wrong.
            _LOG.warning("no warm driver: %s", answer["error"])
            driver.stop()
