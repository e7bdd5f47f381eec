"""Names, streets, habits and wordings of the demo firm, as files that a person may read and extend."""
