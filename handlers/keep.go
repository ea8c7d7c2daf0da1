package handlers

import "sync"

// keep holds what was made for some readers and may be given to others, by a
// key that says everything it was made of: another world is another key, so
// nothing in it ever becomes wrong. What nobody asked for longest goes first.
// It is safe for concurrent use.
type keep[T any] struct {
	room int         // what all together may weigh
	size func(T) int // what one weighs

	mu         sync.Mutex
	young, old map[string]*made[T] // old was young when room/2 was taken, and goes when that is so again
	weight     int                 // of young
}

// made is one thing, made by whoever asks first; others wait for it.
type made[T any] struct {
	give func() (T, error)
	size int // 0 until it is made
}

func newKeep[T any](room int, size func(T) int) *keep[T] {
	return &keep[T]{room: room, size: size, young: make(map[string]*made[T])}
}

// recall gives what is kept under a key, or makes it. What could not be made
// is not kept: the next reader tries again. With no room nothing is.
func (k *keep[T]) recall(key string, fresh func() (T, error)) (T, error) {
	if k.room == 0 {
		return fresh()
	}
	m := k.at(key, fresh)
	done := false
	defer func() {
		if !done { // an error, or a panic, which give repeats for ever
			k.forget(key, m)
		}
	}()
	thing, err := m.give()
	if err == nil {
		done = true
		k.weigh(key, m, k.size(thing))
	}
	return thing, err
}

// at finds a key's place, or makes one.
func (k *keep[T]) at(key string, fresh func() (T, error)) *made[T] {
	k.mu.Lock()
	defer k.mu.Unlock()
	if m, ok := k.young[key]; ok {
		return m
	}
	m, ok := k.old[key]
	if !ok {
		m = &made[T]{give: sync.OnceValues(fresh)}
	}
	delete(k.old, key)
	k.young[key] = m
	k.weight += m.size
	return m
}

// weigh notes what a thing weighs once it is made, and makes room.
func (k *keep[T]) weigh(key string, m *made[T], size int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if m.size == 0 && k.young[key] == m {
		m.size = max(1, size)
		k.weight += m.size
	}
	if k.weight > k.room/2 {
		k.old, k.young, k.weight = k.young, make(map[string]*made[T]), 0
	}
}

func (k *keep[T]) forget(key string, m *made[T]) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.young[key] == m {
		k.weight -= m.size
		delete(k.young, key)
	}
	if k.old[key] == m {
		delete(k.old, key)
	}
}
