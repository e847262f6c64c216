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

__all__ = ["DriverPool"]

_LOG = logging.getLogger(__name__)
# As long as the bundled instance pool keeps an idle machine.
IDLE_SECONDS = 15 * 60.0


@dataclass(frozen=True, slots=True)
class _Idle:
    """A driver that waits; `libraries` is None while no job has configured it."""

    driver: DriverProcess
    environment: Mapping[str, str]
    libraries: tuple[str, ...] | None


class DriverPool:
    """Hands out drivers for one workspace."""

    def __init__(self, places: CloudPlaces) -> None:
        self._places = places
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._idle: _Idle | None = None
        self._warming: threading.Thread | None = None
        self._timer: threading.Timer | None = None
        self._closed = False

    def warm(self, environment: Mapping[str, str], request: Mapping[str, Any]) -> None:
        """Start a driver ahead of the first job, beside whatever else goes on.

        Args:
            environment: Variables that jobs will want; a job that wants others gets a driver of its own.
            request: The driver's `warm` request.
        """
        self._warming = threading.Thread(
            target=self._warm, args=(dict(environment), request), name="warm-driver", daemon=True
        )
        self._warming.start()

    def take(self, environment: Mapping[str, str], libraries: tuple[str, ...]) -> DriverProcess:
        """Return a driver for a job: the idle one if it has the same variables and libraries, else a new one.

        One that is being warmed is waited for: it will be ready before a new one could be.
        """
        warming, self._warming = self._warming, None
        if warming is not None:
            warming.join()
        idle = self._take_idle()
        if idle is not None:
            if idle.environment == dict(environment) and idle.libraries in (None, libraries):
                return idle.driver
            idle.driver.stop()
        return self._start(environment)

    def give_back(
        self, driver: DriverProcess, environment: Mapping[str, str], libraries: tuple[str, ...] | None
    ) -> None:
        """Keep a driver whose job ended well, instead of an older idle one."""
        superseded = self._take_idle()
        with self._lock:
            if self._closed:
                superseded = _Idle(driver, environment, libraries)
            else:
                self._idle = _Idle(driver, dict(environment), libraries)
                self._timer = threading.Timer(IDLE_SECONDS, self.close_idle)
                self._timer.daemon = True
                self._timer.start()
        if superseded is not None:
            superseded.driver.stop()

    def close_idle(self) -> None:
        """Stop the idle driver, if there is one."""
        idle = self._take_idle()
        if idle is not None:
            idle.driver.stop()

    def close(self) -> None:
        """Stop the idle driver and keep none from now on."""
        with self._lock:
            self._closed = True
        self.close_idle()

    def _take_idle(self) -> _Idle | None:
        with self._lock:
            idle, self._idle = self._idle, None
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        return idle

    def _start(self, environment: Mapping[str, str]) -> DriverProcess:
        log = self._places.layout.logs / "drivers" / f"driver-{os.getpid()}-{next(self._numbers)}.log"
        return DriverProcess(self._places, log, environment)

    def _warm(self, environment: Mapping[str, str], request: Mapping[str, Any]) -> None:
        driver = self._start(environment)
        try:
            answer = driver.request({"warm": request})
        except DriverEndedError:
            answer = {"ready": False, "error": "it ended"}
        if answer["ready"]:
            self.give_back(driver, environment, None)
        else:
            # The first job starts a driver of its own and tells what is wrong.
            _LOG.warning("no warm driver: %s", answer["error"])
            driver.stop()
