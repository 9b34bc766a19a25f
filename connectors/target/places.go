package target

import "context"

// Placer knows where in the system's tree accounts can be.
type Placer interface {
	// Containers shows every container that Mover and Creator take, to the end, each once. An answer that may be incomplete is an
	// error. It may be repeated.
	Containers(ctx context.Context, in ContainersRequest) (ContainersResponse, error)
}

// ContainersRequest asks for all containers.
type ContainersRequest struct{}

// Container is a place in the tree. ID is what Account.Container has and Mover takes. Name is what people call it by: where the system
// calls it by nothing else, it is the ID.
type Container struct{ ID, Name string }

// ContainersResponse is every container, in the order of their ids.
type ContainersResponse struct{ Containers []Container }

// Profiler knows the kinds of user that an account can be, where the system has kinds: each account is of exactly one.
type Profiler interface {
	// Profiles shows every kind, to the end, each once. An answer that may be incomplete is an error. It may be repeated.
	Profiles(ctx context.Context, in ProfilesRequest) (ProfilesResponse, error)
}

// ProfilesRequest asks for all kinds.
type ProfilesRequest struct{}

// Profile is a kind of user, by the id that Account.Profile has. No two have the same name, whatever its case.
type Profile struct{ ID, Name string }

// ProfilesResponse is every kind.
type ProfilesResponse struct{ Profiles []Profile }

// AttributeNamer says which attributes of a profile a system has a place for.
type AttributeNamer interface {
	// Attributes are the names that ProfileWriter takes, in ascending order. Nothing is asked of the system.
	Attributes() []string
}
