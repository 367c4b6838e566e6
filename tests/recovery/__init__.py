"""What holds when the service is killed: real processes, real HTTP, kill -9 in the middle of people's enrolments."""
