package roster

// FindingWitness is somebody who has left and whose record shows when: by it one can tell a source that hides that from one
// that has nothing to show. Why lists the fields.
const FindingWitness = "witness"
