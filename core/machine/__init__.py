"""The machine: versions, devices, memory, processes and progress bars."""
