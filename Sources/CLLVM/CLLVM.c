// The target has headers only; SwiftPM wants one source file.
