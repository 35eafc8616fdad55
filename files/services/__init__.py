"""Changes to files, one module a verb family. Bytes come before their row and go after it: no row ever promises what is not there."""
