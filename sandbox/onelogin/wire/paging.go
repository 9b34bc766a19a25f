package wire

import (
	"encoding/base64"
	"encoding/json"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"gatehouse/sandbox/tenant"
)

// PagingParams are the query parameters of every v2 list.
var PagingParams = []string{"limit", "page", "cursor"}

// cursor is what a v2 cursor encodes. It holds no filter, only a sum of the filters it was made under: whoever
// follows it with other filters is refused instead of being shown something else.
type cursor struct {
	Limit  int    `json:"l"`
	Page   int    `json:"p"`
	Filter uint32 `json:"f"`
}

func (k cursor) String() string {
	// A struct of integers always encodes.
	b, _ := json.Marshal(k)
	return base64.URLEncoding.EncodeToString(b)
}

// Window is the part of a list that a request asks for.
type Window struct {
	limit, page int
	filter      uint32
}

// ReadWindow reads limit and page, or a cursor. A cursor together with limit or page is refused.
func ReadWindow(q url.Values, usual, most int) (Window, *tenant.Reply) {
	w := Window{limit: usual, page: 1, filter: filterSum(q)}
	refuse := func(description string) (Window, *tenant.Reply) {
		r := gatewayError(description)
		return w, &r
	}
	if q.Has("cursor") {
		if q.Has("limit") || q.Has("page") {
			return refuse("Requests can only have cursor xor pagination arguments")
		}
		raw, err := base64.URLEncoding.DecodeString(q.Get("cursor"))
		var k cursor
		if err != nil || json.Unmarshal(raw, &k) != nil || k.Page < 1 || k.Limit < 1 || k.Limit > most || k.Filter != w.filter {
			return refuse("Invalid pagination cursor")
		}
		w.limit, w.page = k.Limit, k.Page
		return w, nil
	}
	for name, into := range map[string]*int{"limit": &w.limit, "page": &w.page} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 1 {
			return refuse("Invalid " + name)
		}
		*into = n
	}
	if w.limit > most {
		return refuse("limit can be " + strconv.Itoa(most) + " at most")
	}
	return w, nil
}

// filterSum is a checksum of every parameter that selects or orders.
func filterSum(q url.Values) uint32 {
	h := fnv.New32a()
	names := make([]string, 0, len(q))
	for name := range q {
		if !slices.Contains(PagingParams, name) && name != "fields" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		h.Write([]byte(name + "=" + q.Get(name) + "\n"))
	}
	return h.Sum32()
}

// Bounds returns the slice bounds of the window in a list of total items.
func (w Window) Bounds(total int) (from, to int) {
	if w.page > total/w.limit+1 {
		return total, total // Pages far behind the last one would not fit into a number.
	}
	from = min((w.page-1)*w.limit, total)
	return from, min(from+w.limit, total)
}

// Reply is a bare JSON array with the paging headers. Source: onelogin-python-sdk docs/RolesApi.md.
func (w Window) Reply(items any, count, total int) tenant.Reply {
	pages := max(1, (total+w.limit-1)/w.limit)
	r := tenant.JSON(http.StatusOK, items)
	h := r.Header
	h.Set("Current-Page", strconv.Itoa(w.page))
	h.Set("Page-Items", strconv.Itoa(count))
	h.Set("Total-Count", strconv.Itoa(total))
	h.Set("Total-Pages", strconv.Itoa(pages))
	if w.page > 1 {
		h.Set("Before-Cursor", cursor{Limit: w.limit, Page: w.page - 1, Filter: w.filter}.String())
	}
	if w.page < pages {
		h.Set("After-Cursor", cursor{Limit: w.limit, Page: w.page + 1, Filter: w.filter}.String())
	}
	return r
}

// Paged is Reply for a list that is at hand as a whole.
func Paged[T any](c *tenant.Call, all []T, usual, most int) tenant.Reply {
	w, refused := ReadWindow(c.Query(), usual, most)
	if refused != nil {
		return *refused
	}
	from, to := w.Bounds(len(all))
	return w.Reply(append([]T{}, all[from:to]...), to-from, len(all))
}

// v1Page is the paging object of a v1 list, with cursors in the body.
type v1Page struct {
	BeforeCursor *string `json:"before_cursor"`
	AfterCursor  *string `json:"after_cursor"`
	PreviousLink *string `json:"previous_link"`
	NextLink     *string `json:"next_link"`
}

// V1List is a v1 list of up to limit items after a cursor. The last page has neither cursor nor link: baton-onelogin goes
// on until the cursor is null, and ends.
func V1List[T any](c *tenant.Call, items []T, more bool, after string) tenant.Reply {
	page := v1Page{}
	if after != "" {
		page.AfterCursor = &after
	}
	if more {
		q := url.Values{}
		for name, values := range c.Query() {
			q[name] = values
		}
		q.Set("after_cursor", after)
		link := "https://" + Subdomain + ".onelogin.com" + c.Path + "?" + q.Encode()
		page.NextLink = &link
	}
	return tenant.JSON(http.StatusOK, map[string]any{
		"status":     v1Status{Code: http.StatusOK, Type: "success", Message: "Success"},
		"pagination": page, "data": append([]T{}, items...),
	})
}

// V1Window reads limit and after_cursor of a v1 list.
func V1Window(c *tenant.Call, usual, most int) (limit int, after int64, refused *tenant.Reply) {
	q := c.Query()
	limit = usual
	if q.Has("limit") {
		n, err := strconv.Atoi(q.Get("limit"))
		if err != nil || n < 1 || n > most {
			return 0, 0, BadRequest("limit must be between 1 and " + strconv.Itoa(most))
		}
		limit = n
	}
	if q.Get("before_cursor") != "" {
		// No page of the sandbox has one to follow.
		return 0, 0, BadRequest("Invalid cursor")
	}
	if cur := q.Get("after_cursor"); cur != "" {
		id, ok := readV1Cursor(cur)
		if !ok {
			return 0, 0, BadRequest("Invalid cursor")
		}
		after = id
	}
	return limit, after, nil
}

// V1Cursor is the cursor after an id.
func V1Cursor(id int64) string {
	return base64.URLEncoding.EncodeToString([]byte("v1:" + strconv.FormatInt(id, 10)))
}

func readV1Cursor(s string) (int64, bool) {
	raw, err := base64.URLEncoding.DecodeString(s)
	rest, ok := strings.CutPrefix(string(raw), "v1:")
	if err != nil || !ok {
		return 0, false
	}
	id, err := strconv.ParseInt(rest, 10, 64)
	return id, err == nil
}
