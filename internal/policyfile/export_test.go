package policyfile

import "time"

// SetSteady replaces the clock by which a policy file has to stay as it is.
func (f *File) SetSteady(clock func() time.Time) { f.steady = clock }
