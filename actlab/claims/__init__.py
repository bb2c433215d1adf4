"""Claims of a lecture, put to the test: what is measured, compared, and judged by a threshold."""
