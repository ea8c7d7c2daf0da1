package main

import (
	"math/big"
	"strings"
)

// maxElimination is the largest number of sets that elimination is tried on:
// it costs time with the third power.
const maxElimination = 250

// matrix is a system of sums: each row is a set's teams, then its number of
// answers, then which sets it was made of.
type matrix struct {
	rows  [][]*big.Rat
	teams int
}

// eliminated solves a family whose sets overlap: Gauss–Jordan over exact
// fractions, where the teams of one atom are one unknown. A row of the result
// whose coefficients are all 1 is a group whose numbers follow; in particular
// every single atom that follows at all has such a row to itself, since a
// vector of the row space is the sum of the rows at whose pivots it is not 0.
//
// Atoms are put in the order of how few answers they can have at most, the
// fewest last, so that a combination of small atoms only is found as a row as
// well.
func (f *family) eliminated() []group {
	if len(f.sets) > maxElimination {
		return nil
	}
	atoms := f.atoms()
	m := matrix{teams: len(atoms)}
	for i := range f.sets {
		row := make([]*big.Rat, len(atoms)+1+len(f.sets))
		for j := range row {
			row[j] = new(big.Rat)
		}
		for j, atom := range atoms {
			if within(atom, f.sets[i].teams) {
				row[j].SetInt64(1)
			}
		}
		row[len(atoms)].SetInt64(int64(f.sets[i].n))
		row[len(atoms)+1+i].SetInt64(1)
		m.rows = append(m.rows, row)
	}
	rank := m.reduce()
	var all []group
	for _, row := range m.rows[:rank] {
		if g, ok := f.group(atoms, row); ok {
			all = append(all, g)
		}
	}
	return all
}

// atoms are the teams that lie in the same sets, the atoms of the largest
// smallest set first.
func (f *family) atoms() [][]int {
	if len(f.sets) > maxElimination {
		return nil
	}
	signature := make(map[string]int)
	var atoms [][]int
	var most []int // the smallest set that an atom lies in bounds its answers
	for t := range f.teams {
		var in strings.Builder
		least := -1
		for i := range f.sets {
			if within([]int{t}, f.sets[i].teams) {
				in.WriteString(" ")
				in.WriteString(big.NewInt(int64(i)).String())
				if least < 0 || f.sets[i].n < least {
					least = f.sets[i].n
				}
			}
		}
		if least < 0 {
			continue // in no set
		}
		at, known := signature[in.String()]
		if !known {
			at = len(atoms)
			signature[in.String()] = at
			atoms, most = append(atoms, nil), append(most, least)
		}
		atoms[at] = append(atoms[at], t)
	}
	for i := 1; i < len(atoms); i++ { // few: sorting both slices together
		for j := i; j > 0 && most[j] > most[j-1]; j-- {
			atoms[j], atoms[j-1], most[j], most[j-1] = atoms[j-1], atoms[j], most[j-1], most[j]
		}
	}
	return atoms
}

// reduce brings the rows into reduced echelon form by the teams' columns and
// gives the rank.
func (m *matrix) reduce() int {
	rank := 0
	for col := 0; col < m.teams && rank < len(m.rows); col++ {
		pivot := -1
		for i := rank; i < len(m.rows); i++ {
			if m.rows[i][col].Sign() != 0 {
				pivot = i
				break
			}
		}
		if pivot < 0 {
			continue
		}
		m.rows[rank], m.rows[pivot] = m.rows[pivot], m.rows[rank]
		scale := new(big.Rat).Inv(m.rows[rank][col])
		for _, x := range m.rows[rank] {
			if x.Sign() != 0 {
				x.Mul(x, scale)
			}
		}
		for i := range m.rows {
			if i != rank && m.rows[i][col].Sign() != 0 {
				subtract(m.rows[i], m.rows[rank], new(big.Rat).Set(m.rows[i][col]))
			}
		}
		rank++
	}
	return rank
}

// subtract takes times of one row from another.
func subtract(from, row []*big.Rat, times *big.Rat) {
	product := new(big.Rat)
	for j, x := range row {
		if x.Sign() != 0 {
			from[j].Sub(from[j], product.Mul(x, times))
		}
	}
}

// group reads a row as a group of people; not ok where it counts some of them
// more or less than once, or where nobody is in it.
func (f *family) group(atoms [][]int, row []*big.Rat) (g group, ok bool) {
	one := big.NewRat(1, 1)
	for j, atom := range atoms {
		switch {
		case row[j].Sign() == 0:
		case row[j].Cmp(one) != 0:
			return g, false
		default:
			g.teams = append(g.teams, atom...)
		}
	}
	n := row[len(atoms)]
	if !n.IsInt() || n.Sign() == 0 {
		return g, false
	}
	g.n = int(n.Num().Int64())
	used := 0
	for i := range f.sets {
		x := row[len(atoms)+1+i]
		if x.Sign() == 0 {
			continue
		}
		used++
		times := new(big.Rat).Abs(x)
		sign := " + "
		if x.Sign() < 0 {
			sign = " − "
		}
		if times.Cmp(one) != 0 {
			sign += times.RatString() + " · "
		}
		g.how += sign + f.sets[i].cell.name
	}
	g.how = strings.TrimPrefix(g.how, " + ")
	g.direct = used == 1
	return g, true
}
