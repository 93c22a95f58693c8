"""The specification in the forms of other tools."""
