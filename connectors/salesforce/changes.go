package salesforce

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"gatehouse/connectors/since"
	"gatehouse/connectors/target"
	"gatehouse/internal/httpx"
)

var _ target.Watcher = (*Target)(nil)

// stamped are the objects in which a user's access can change, the field that names the user, and that of the last change. A user who
// is frozen, or is given a permission set, is not changed themselves. That a permission set was taken shows nowhere.
var stamped = [...]struct{ object, user, stamp string }{
	{"User", "Id", "LastModifiedDate"}, {"UserLogin", "UserId", "LastModifiedDate"}, {"PermissionSetAssignment", "AssigneeId", "SystemModstamp"},
}

// marks are where to go on, one for each of the objects. Salesforce keeps times of whole seconds.
type marks = [len(stamped)]since.Mark

// change is a record of one of the objects.
type change struct {
	ID       string     `json:"Id"`
	UserID   string     `json:"UserId"`
	Assignee string     `json:"AssigneeId"`
	Modified httpx.Time `json:"LastModifiedDate"`
	Stamp    httpx.Time `json:"SystemModstamp"`
}

// at is the time of the change.
func (c change) at() time.Time {
	if c.Modified.IsZero() {
		return c.Stamp.Time
	}
	return c.Modified.Time
}

// changedSince are the ids of the users who were changed from these times on, in ascending order, and where to go on.
func (t *Target) changedSince(ctx context.Context, op string, from marks) (ids []string, next marks, err error) {
	for i, in := range stamped {
		fields := "Id, " + in.stamp
		if in.user != "Id" {
			fields += ", " + in.user
		}
		now, newest := t.client.clock(), time.Time{}
		soql := "SELECT " + fields + " FROM " + in.object + " WHERE " + in.stamp + " >= " + instant(from[i].From)
		rows, err := all(ctx, t.client, op, soql, func(c change) string { return c.ID })
		if err != nil {
			return nil, marks{}, err
		}
		for _, row := range rows {
			if id := or(or(row.UserID, row.Assignee), row.ID); isID(id, prefixUser) {
				ids = append(ids, id)
			}
			if row.at().After(newest) {
				newest = row.at()
			}
		}
		next[i] = from[i].Next(newest, now)
	}
	slices.Sort(ids)
	return slices.Compact(ids), next, nil
}

// Changes implements target.Watcher. Salesforce deletes no user, and does not tell that a permission set was taken.
func (t *Target) Changes(ctx context.Context, in target.ChangesRequest) (target.ChangesResponse, error) {
	const op = "ask for changes"
	var from marks
	if in.Cookie != "" {
		raw, err := base64.RawURLEncoding.DecodeString(in.Cookie)
		if err != nil || json.Unmarshal(raw, &from) != nil {
			return target.ChangesResponse{}, invalid(op, "the cookie is of no org: begin without one, and list")
		}
	}
	if err := t.client.limits.admit(op, t.client.clock()); err != nil {
		return target.ChangesResponse{}, err
	}
	var out target.ChangesResponse
	var err error
	if in.Cookie == "" {
		from, err = t.latest(ctx, op)
	} else {
		out.Accounts, from, err = t.changedSince(ctx, op, from)
	}
	if err != nil {
		return target.ChangesResponse{}, err
	}
	raw, err := json.Marshal(from)
	if err != nil {
		return target.ChangesResponse{}, malformed(op, "the times of the latest changes cannot be kept")
	}
	out.Cookie = base64.RawURLEncoding.EncodeToString(raw)
	return out, nil
}

// latest are the times of the latest changes. What else was changed within those seconds is named by the next answer.
func (t *Target) latest(ctx context.Context, op string) (latest marks, err error) {
	for i, in := range stamped {
		soql := "SELECT Id, " + in.stamp + " FROM " + in.object + " ORDER BY " + in.stamp + " DESC LIMIT 1"
		rows, err := all(ctx, t.client, op, soql, func(c change) string { return c.ID })
		if err != nil {
			return marks{}, err
		}
		for _, row := range rows {
			latest[i].From = row.at().Truncate(time.Second)
		}
	}
	return latest, nil
}

// listChanged lists the users who were changed since. To be frozen, or to be given a permission set, changes no user: both are asked
// for as well. That a permission set was taken shows nowhere.
func (t *Target) listChanged(ctx context.Context, after time.Time, from cursor) (target.ListResponse, error) {
	var begin marks
	for i := range begin {
		begin[i].From = after.Add(time.Millisecond)
	}
	ids, _, err := t.changedSince(ctx, listOp, begin)
	if err != nil {
		return target.ListResponse{}, err
	}
	out := target.ListResponse{Total: len(ids)}
	at, found := slices.BinarySearch(ids, from.after)
	if found {
		at++
	}
	ids = ids[at:]
	page := ids[:min(batch, len(ids))]
	if len(page) == 0 {
		return out, nil
	}
	if out.Accounts, err = t.find(ctx, listOp, "Id IN "+quotedList(page)); err != nil {
		return target.ListResponse{}, err
	}
	if len(ids) > len(page) {
		out.Next = page[len(page)-1] + "." + strconv.Itoa(from.shown+len(page))
	}
	return out, nil
}
