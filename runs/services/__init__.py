"""Changes to runs, one module a verb family. A run is changed by compare-and-set, and a review before its run: two who meet in
both never wait for each other."""
