package census

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// index finds places in a list by texts that stand for them. It keeps a digest of each text, so that two texts may be found by
// each other, and it is sorted once after all were added.
type index struct {
	seed    maphash.Seed
	entries []entry
}

type entry struct {
	digest uint64
	place  int32
}

func newIndex(size int) *index {
	return &index{seed: maphash.MakeSeed(), entries: make([]entry, 0, size)}
}

func (x *index) add(place int32, texts ...string) {
	for _, text := range texts {
		x.entries = append(x.entries, entry{maphash.String(x.seed, text), place})
	}
}

// sort makes the index ready to be searched.
func (x *index) sort() {
	slices.SortFunc(x.entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.digest, b.digest), cmp.Compare(a.place, b.place)) })
	x.entries = slices.Clip(slices.Compact(x.entries))
}

// find returns the entries of a text in the order of their places.
func (x *index) find(text string) []entry {
	digest := maphash.String(x.seed, text)
	from, found := slices.BinarySearchFunc(x.entries, digest, func(e entry, digest uint64) int { return cmp.Compare(e.digest, digest) })
	if !found {
		return nil
	}
	to := from
	for to < len(x.entries) && x.entries[to].digest == digest {
		to++
	}
	return x.entries[from:to]
}

// places are those of any of some texts, without those of a text that has more of them than most; 0 is no bound.
func (x *index) places(texts []string, most int) []int32 {
	var found []int32
	for _, text := range texts {
		entries := x.find(text)
		if most > 0 && len(entries) > most {
			continue
		}
		for _, e := range entries {
			found = append(found, e.place)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
