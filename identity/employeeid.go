package identity

import "regexp"

// BambooHR counts; Workday's ids are the tenant's own.
var (
	bambooHRID = regexp.MustCompile(`^[1-9][0-9]{0,17}$`)
	workdayID  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$`)
)

// UsableID reports whether an employee id can become part of a person's key, of workflow ids and of URLs.
func UsableID(source, id string) bool {
	if source == SourceBambooHR {
		return bambooHRID.MatchString(id)
	}
	return workdayID.MatchString(id)
}
