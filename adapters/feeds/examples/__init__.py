"""One feed for each dataset, in the forms that departments deliver: a declaration and a small invented file."""
