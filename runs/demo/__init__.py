"""What the demo shows of runs: a fifth agent, which also works as a guest of others. One run has ended, one is at it, one asks, one fell silent."""
