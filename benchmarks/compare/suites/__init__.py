"""One module per suite, each with run(context, report): it makes rows and reports each when it is
there. What all suites need to know is in Context (context.py)."""
