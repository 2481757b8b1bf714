// Does nothing: what is left is the start of the interpreter.
