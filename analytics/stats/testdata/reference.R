# Makes the made-up data (items.csv) and the reference numbers (reference.csv)
# that the tests hold this package against. Run in this folder with R 4 and
# the packages stats and psych: Rscript reference.R
suppressPackageStartupMessages(library(psych))
options(digits = 15)
rows <- list()
put <- function(name, value) rows[[length(rows) + 1]] <<- sprintf("%s,%.15g", name, as.numeric(value))

# 150 people in 12 teams of unequal size answer six items from 1 to 5.
set.seed(20261122, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
size <- c(4, 5, 6, 8, 9, 11, 12, 14, 16, 19, 21, 25)
team <- rep(seq_along(size), size)
trait <- rnorm(length(size), 0, .5)[team] + rnorm(length(team))
loading <- c(.9, .8, .7, .6, .5, .4)
items <- sapply(loading, function(l) pmin(5, pmax(1, round(3 + l * trait + rnorm(length(team), 0, .8)))))
colnames(items) <- paste0("i", 1:6)
write.csv(cbind(team = team, items), "items.csv", row.names = FALSE, quote = FALSE)

score <- rowMeans(items[, 1:3])
other <- rowMeans(items[, 4:6])
put("mean", mean(score)); put("sd", sd(score))
put("t_low", t.test(score)$conf.int[1]); put("t_high", t.test(score)$conf.int[2])

correlation <- cor.test(score, other)
put("pearson", correlation$estimate)
put("fisher_low", correlation$conf.int[1]); put("fisher_high", correlation$conf.int[2])
put("fisher_p_4_20", 2 * pnorm(-atanh(.4) * sqrt(17)))

variance <- anova(lm(score ~ factor(team)))
msb <- variance[1, "Mean Sq"]; msw <- variance[2, "Mean Sq"]
n0 <- (sum(size) - sum(size^2) / sum(size)) / (length(size) - 1)
put("icc", (msb - msw) / (msb + (n0 - 1) * msw))

fit <- summary(lm(scale(score) ~ scale(items[, 4]) + scale(items[, 5]) + scale(items[, 6])))$coefficients
for (i in 1:3) {
  put(paste0("slope_", i), fit[i + 1, 1]); put(paste0("slope_se_", i), fit[i + 1, 2]); put(paste0("slope_p_", i), fit[i + 1, 4])
  put(paste0("slope_low_", i), fit[i + 1, 1] - qt(.975, 146) * fit[i + 1, 2])
}
p <- c(.01, .04, .03, .005, .5)
for (i in seq_along(p)) put(paste0("holm_", i), p.adjust(p, "holm")[i])

put("alpha", alpha(as.data.frame(items), warnings = FALSE)$total$raw_alpha)
feldt <- function(a, n, k) 1 - (1 - a) * qf(c(.975, .025), n - 1, (n - 1) * (k - 1))
put("feldt_low", feldt(.74, 30, 3)[1]); put("feldt_high", feldt(.74, 30, 3)[2])
one <- fa(items, nfactors = 1, fm = "minres", tol = 1e-12)
l <- one$loadings[, 1]
for (i in 1:6) put(paste0("loading_", i), l[i])
put("omega", sum(l)^2 / (sum(l)^2 + sum(1 - l^2)))
# The same by maximum likelihood, as a second opinion. (psych::omega itself
# needs the package GPArotation, which only rotates several factors.)
l <- factanal(items, 1)$loadings[, 1]
put("omega_ml", sum(l)^2 / (sum(l)^2 + sum(1 - l^2)))

# The 107 complete ProQOL 5 sheets of which ANALYTICS has means, deviations,
# alphas and correlations, and nobody here has the sheets: their intervals.
published <- list(cs = .9329, bo = .8188, sts = .8347)
for (s in names(published)) { put(paste0("feldt_", s, "_low"), feldt(published[[s]], 107, 10)[1]); put(paste0("feldt_", s, "_high"), feldt(published[[s]], 107, 10)[2]) }
for (r in c(-.773, -.463, .686)) { z <- tanh(atanh(r) + c(-1, 1) * qnorm(.975) / sqrt(104)); put(sprintf("fisher_%g_low", r), z[1]); put(sprintf("fisher_%g_high", r), z[2]) }

wilson <- function(x, n) prop.test(x, n, correct = FALSE)$conf.int
for (case in list(c(3, 10), c(5, 15), c(1, 8), c(0, 7), c(12, 12))) {
  ends <- suppressWarnings(wilson(case[1], case[2]))
  put(sprintf("wilson_%d_%d_low", case[1], case[2]), ends[1]); put(sprintf("wilson_%d_%d_high", case[1], case[2]), ends[2])
}
# Counts: every total for which both tails of phyper stay above .025.
total <- function(x, n, N) { K <- x:(N - n + x); range(K[phyper(x - 1, K, N - K, n, lower.tail = FALSE) > .025 & phyper(x, K, N - K, n) > .025]) }
for (case in list(c(3, 9, 12), c(5, 15, 20), c(4, 10, 30), c(0, 12, 40), c(40, 60, 200))) {
  ends <- total(case[1], case[2], case[3])
  put(sprintf("count_%d_%d_%d_low", case[1], case[2], case[3]), ends[1]); put(sprintf("count_%d_%d_%d_high", case[1], case[2], case[3]), ends[2])
}
writeLines(unlist(rows), "reference.csv")
