package main

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"runtime"
	"slices"
	"syscall"
	"time"

	"github.com/cloudflare/circl/oprf"

	"attune/survey/ticket"
)

// cost is the processor time of one issue and one redeem.
type cost struct {
	each time.Duration
	err  error
}

const (
	cryptoBatch = 50
	cryptoEvery = 250 * time.Millisecond
)

// watchCrypto measures what issuing and redeeming one ticket costs while the
// server works, under the same heat and company: in batches, on a thread of its
// own whose processor time alone is counted. It gives the median batch.
func watchCrypto(stop <-chan struct{}) cost {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	work, err := bareRespondent()
	if err != nil {
		return cost{err: err}
	}
	var batches []time.Duration
	for {
		before, err := threadTime()
		if err != nil {
			return cost{err: err}
		}
		for range cryptoBatch {
			if err := work(); err != nil {
				return cost{err: err}
			}
		}
		after, err := threadTime()
		if err != nil {
			return cost{err: err}
		}
		batches = append(batches, (after-before)/cryptoBatch)
		select {
		case <-stop:
			slices.Sort(batches)
			return cost{each: batches[len(batches)/2]}
		case <-time.After(cryptoEvery):
		}
	}
}

// bareRespondent is one issue and one redeem, as circl does them.
func bareRespondent() (work func() error, err error) {
	key, err := ticket.GenerateIssuerKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	public := new(oprf.PublicKey)
	if err := public.UnmarshalBinary(oprf.SuiteRistretto255, key.PublicKey()); err != nil {
		return nil, err
	}
	p := phone{client: oprf.NewPartialObliviousClient(oprf.SuiteRistretto255, public), info: ticket.Info(sha256.Sum256(nil), "load")}
	if err := p.blind(); err != nil {
		return nil, err
	}
	evaluated, proof, err := key.Issue(p.info, p.blinded)
	if err != nil {
		return nil, err
	}
	output, err := p.finalize(evaluated, proof)
	if err != nil {
		return nil, err
	}
	return func() error {
		if _, _, err := key.Issue(p.info, p.blinded); err != nil {
			return err
		}
		return key.Redeem(p.info, p.input, output)
	}, nil
}

// threadTime is the processor time of the calling thread.
func threadTime() (time.Duration, error) {
	const thisThread = 1 // RUSAGE_THREAD, which package syscall leaves out
	var used syscall.Rusage
	if err := syscall.Getrusage(thisThread, &used); err != nil {
		return 0, fmt.Errorf("processor time: %w", err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()), nil
}
