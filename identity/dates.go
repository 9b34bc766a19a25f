package identity

// Placeholder reports that a date is one that systems write where they must write one: the beginning of somebody's calendar or
// its end. It says that there is no date.
func (d Date) Placeholder() bool {
	switch {
	case len(d) != len("2006-01-02"):
		return false
	case d < "1902", d == "1970-01-01":
		return true // The zero of Excel, SQL Server and Unix, and 0001-01-01.
	}
	return d.Endless()
}

// Endless reports that a date stands for no end: 9999-12-31 and the like.
func (d Date) Endless() bool { return d >= "4000" }
