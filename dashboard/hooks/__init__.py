"""What other machines tell this home: signed statements of a build."""
