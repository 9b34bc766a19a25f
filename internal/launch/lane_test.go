package launch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"gatehouse/activities/api"
)

// post is the far end of a lane: what it is sent waits until it is let through.
type post struct {
	mu      sync.Mutex
	began   []time.Time
	through chan error
	// takes is how long a message is on its way.
	takes time.Duration
}

func (p *post) send(ctx context.Context) (api.Sent, error) {
	p.mu.Lock()
	p.began = append(p.began, time.Now())
	n := len(p.began)
	p.mu.Unlock()
	<-time.After(p.takes)
	select {
	case err := <-p.through:
		return api.Sent{RunID: fmt.Sprint(n)}, err
	case <-ctx.Done():
		return api.Sent{}, ctx.Err()
	}
}

// moments are when each message began.
func (p *post) moments() []time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.began)
}

// ask sends in the background and says what came of it.
func ask(ctx context.Context, l *lanes, name string, p *post) chan result {
	out := make(chan result, 1)
	go func() {
		sent, err := l.bundle(ctx, name, p.send)
		out <- result{sent, err}
	}()
	return out
}

type result struct {
	sent api.Sent
	err  error
}

func bubble(t *testing.T, test func(t *testing.T, l *lanes, p *post)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := &lanes{open: map[string]*lane{}}
		test(t, l, &post{through: make(chan error)})
		<-time.After(time.Second)
		l.mu.Lock()
		defer l.mu.Unlock()
		require.Empty(t, l.open, "a lane is closed behind the last")
	})
}

// TestWhatComesUpMeanwhileIsSentOnce: a thousand hints, two messages, and nobody is answered by one that was on its way
// before they came up.
func TestWhatComesUpMeanwhileIsSentOnce(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, l *lanes, p *post) {
		first := ask(t.Context(), l, "a", p)
		synctest.Wait()
		var later []chan result
		for range 1000 {
			later = append(later, ask(t.Context(), l, "a", p))
		}
		synctest.Wait()
		p.through <- nil
		require.Equal(t, "1", (<-first).sent.RunID)
		synctest.Wait()
		require.Empty(t, later[0], "nothing has been sent since it came up")
		p.through <- nil
		for _, r := range later {
			require.Equal(t, result{sent: api.Sent{RunID: "2"}}, <-r)
		}
		require.Len(t, p.moments(), 2)
	})
}

func TestWhatFailsFailsForAllWhoWait(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, l *lanes, p *post) {
		first := ask(t.Context(), l, "a", p)
		synctest.Wait()
		second, third := ask(t.Context(), l, "a", p), ask(t.Context(), l, "a", p)
		synctest.Wait()
		p.through <- errors.New("down")
		require.EqualError(t, (<-first).err, "down")
		synctest.Wait()
		p.through <- errors.New("still down")
		require.EqualError(t, (<-second).err, "still down")
		require.EqualError(t, (<-third).err, "still down")
		fourth := ask(t.Context(), l, "a", p)
		p.through <- nil
		require.NoError(t, (<-fourth).err)
	})
}

// TestWhoGivesUpTakesNobodyAlong: the caller that a message began with may hang up.
func TestWhoGivesUpTakesNobodyAlong(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, l *lanes, p *post) {
		hasty, hangUp := context.WithCancel(t.Context())
		first := ask(hasty, l, "a", p)
		synctest.Wait()
		second := ask(hasty, l, "a", p)
		synctest.Wait()
		third := ask(t.Context(), l, "a", p)
		synctest.Wait()
		hangUp()
		require.ErrorIs(t, (<-first).err, context.Canceled)
		require.ErrorIs(t, (<-second).err, context.Canceled)
		p.through <- nil
		synctest.Wait()
		p.through <- nil
		require.NoError(t, (<-third).err)
		_, err := l.bundle(hasty, "a", p.send)
		require.ErrorIs(t, err, context.Canceled)
		require.Len(t, p.moments(), 2, "who has hung up already sends nothing")
	})
}

func TestMessageThatHangsIsGivenUp(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, l *lanes, p *post) {
		first := ask(t.Context(), l, "a", p)
		synctest.Wait()
		second := ask(t.Context(), l, "a", p)
		require.ErrorIs(t, (<-first).err, context.DeadlineExceeded)
		synctest.Wait()
		p.through <- nil
		require.NoError(t, (<-second).err, "the next one is tried all the same")
	})
}

// TestFloodIsSpread: the server throws away what a run has begun when a hundred signals arrive in one of its tasks.
func TestFloodIsSpread(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, l *lanes, p *post) {
		close(p.through)
		p.takes = 5 * time.Millisecond
		ctx, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				for ctx.Err() == nil {
					if _, err := l.bundle(ctx, "a", p.send); err != nil {
						require.ErrorIs(t, err, context.DeadlineExceeded)
					}
				}
			})
		}
		all.Wait()
		require.InDelta(t, 600, len(p.moments()), 100, "ten a second")
		require.Less(t, p.moments()[1].Sub(p.moments()[0]), 20*time.Millisecond, "a second hint hardly waits")
	})
}

// TestOneAfterTheOtherNeverWaits: a vendor that delivers one webhook at a time has others behind it.
func TestOneAfterTheOtherNeverWaits(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, l *lanes, p *post) {
		close(p.through)
		began := time.Now()
		for range 1000 {
			_, err := l.bundle(t.Context(), "a", p.send)
			require.NoError(t, err)
		}
		require.Equal(t, began, time.Now())
		require.Len(t, p.moments(), 1000)
	})
}

func TestLanesDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, l *lanes, p *post) {
		other := &post{through: make(chan error)}
		stuck := ask(t.Context(), l, "a", p)
		synctest.Wait()
		free := ask(t.Context(), l, "b", other)
		other.through <- nil
		require.NoError(t, (<-free).err)
		p.through <- nil
		require.NoError(t, (<-stuck).err)
	})
}
