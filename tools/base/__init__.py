"""What several tools share: where things are, how programs are started, how a failure is told."""
