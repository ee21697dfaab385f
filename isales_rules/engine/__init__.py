"""How a rule set runs: values, the compiler, and the reference engine."""
