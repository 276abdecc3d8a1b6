"""Classes, pupils, lists in and out, periods, statistics, the state of the machine."""
