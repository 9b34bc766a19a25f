package google

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"golang.org/x/oauth2"
	"google.golang.org/api/googleapi"
	"google.golang.org/api/option"

	"gatehouse/connectors"
	"gatehouse/internal/httpx"
)

// Access calls services of Google as users of the domain, for the packages below this one.
type Access struct {
	o    Options
	base *http.Client
	// page of the documentation lists the scopes; explain says what a refusal means where the service's own words are needed for that.
	page    string
	explain func(*googleapi.Error, *connectors.Error)
}

// NewAccess sends nothing; a key that cannot be read is an error. Page is that of the documentation which lists the scopes.
func NewAccess(o Options, page string, explain func(*googleapi.Error, *connectors.Error)) (*Access, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	return &Access{o: o, base: bounded(httpx.Guarded(o.HTTP), o.MaxBody), page: page, explain: explain}, nil
}

// As are the options of a service of the library that calls as somebody.
func (a *Access) As(subject string, scopes ...string) []option.ClientOption {
	options := []option.ClientOption{option.WithHTTPClient(signedIn(a.base, a.o, subject, scopes))}
	if a.o.BaseURL != "" {
		options = append(options, option.WithEndpoint(strings.TrimSuffix(a.o.BaseURL, "/")+"/"))
	}
	return options
}

// Do carries out one call of the library within the timeout. Op says what is being done, for errors. That something does not exist is
// believed from Google itself only: a 404 without its words is of something in between.
func Do[T any](ctx context.Context, a *Access, op string, do func(context.Context) (T, error)) (T, error) {
	bounded, cancel := context.WithTimeout(ctx, a.o.Timeout)
	defer cancel()
	out, err := do(bounded)
	if err == nil {
		return out, nil
	}
	var zero T
	var ours *connectors.Error
	var answer *googleapi.Error
	var token *oauth2.RetrieveError
	failed := fault(op, err, a.o.Clock())
	switch {
	case !errors.As(failed, &ours):
	case errors.As(err, &token) && ours.Kind == connectors.KindUnauthorized:
		ours.Err = errors.New("grant the service account domain-wide delegation with the scopes of " + a.page + ", for users who exist " +
			"and are not suspended")
	case errors.As(err, &answer):
		if ours.Kind == connectors.KindNotFound && answer.Message == "" {
			ours.Kind = connectors.KindUnavailable
		}
		a.explain(answer, ours)
	}
	return zero, failed
}
