package diag

// Sources holds the text of templates by file, for excerpts.
type Sources map[string][]byte
