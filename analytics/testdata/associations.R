# Makes the made-up ballots (associations.csv) and the numbers that the tests
# hold associations against (associations-reference.csv). Run in this folder
# with R 4 and the packages stats and psych: Rscript associations.R
suppressPackageStartupMessages(library(psych))
rows <- list()
put <- function(name, value) rows[[length(rows) + 1]] <<- sprintf("%s,%.15g", name, as.numeric(value))
set.seed(20261123, kind = "Mersenne-Twister", normal.kind = "Inversion", sample.kind = "Rejection")
size <- c(8, 9, 11, 12, 14, 16, 18, 20, 22)
team <- rep(seq_along(size), size) # 130 people in 9 teams
n <- length(team)
support <- rnorm(length(size), 0, .5)[team] + rnorm(n)
load <- -.5 * support + rnorm(n)
five <- function(x) pmin(5, pmax(1, round(3 + x)))
like <- function(x, l) five(l * x + rnorm(n, 0, .7))
d <- data.frame(
  team = team,
  calm = 6 - like(load, .9), tired = like(load, .8), late = like(load, .7), glad = like(-load, .5),
  policy = ifelse(support + rnorm(n) > 0, 1, ifelse(runif(n) < .5, 2, 3)),
  heard = like(support, .9), shared = like(support, .8), space = like(support, .7), hurry = 6 - like(support, .6),
  endorsed = ifelse(runif(n) < .3, 1, ifelse(runif(n) < .9, 2, 3)), thanked = like(support, .3))
# Skipped: ten people leave out the endorsement; some of the complete cases
# leave out one item of a scale that needs fewer.
d$endorsed[seq(5, 130, 13)] <- NA
d$late[seq(3, 130, 14)] <- NA
d$shared[seq(10, 130, 24)] <- NA
write.csv(d, "associations.csv", row.names = FALSE, quote = FALSE, na = "")

rev5 <- function(x) 6 - x
items <- cbind(rev5(d$calm), d$tired, d$late)
score <- function(m, least, times = 1) ifelse(rowSums(!is.na(m)) >= least, rowMeans(m, na.rm = TRUE) * times, NA)
v <- data.frame(
  strain = score(items, 2, 3), brief = score(items[, 1:2], 1),
  held = score(cbind(d$heard, d$shared), 1), room = score(cbind(d$space, rev5(d$hurry)), 2, 2),
  policy_known = as.numeric(d$policy == 1),
  core = as.numeric(d$heard >= 3 & d$shared >= 3 & rev5(d$hurry) >= 3),
  endorsement = as.numeric(d$endorsed == 1))
# "All of them" needs every answer, so that one low answer does not decide.
v$core[is.na(d$heard) | is.na(d$shared) | is.na(d$hurry)] <- NA
whole <- v[complete.cases(v), ]
put("n", nrow(whole))
for (o in c("strain", "brief")) for (p in c("policy_known", "core", "endorsement"))
  put(paste0(o, "~", p, " correlation"), cor(whole[[o]], whole[[p]]))
fit <- summary(lm(scale(strain) ~ scale(held) + scale(room) + scale(policy_known), data = whole))$coefficients
for (i in 1:3) {
  p <- c("held", "room", "policy_known")[i]
  put(paste0("strain~", p, " slope"), fit[i + 1, 1]); put(paste0("strain~", p, " se"), fit[i + 1, 2])
}
reliable <- function(name, m) {
  m <- m[complete.cases(m), ]
  put(paste0(name, " n"), nrow(m)); put(paste0(name, " alpha"), alpha(as.data.frame(m), warnings = FALSE)$total$raw_alpha)
}
reliable("strain", items)
reliable("room", cbind(d$space, rev5(d$hurry)))

# Intervals of displayed values: all true ones within half a step, outward.
out <- function(low, high) c(floor(low * 10 + 1e-9), ceiling(high * 10 - 1e-9)) / 10
fisher <- function(r, n) tanh(atanh(r) + c(-1, 1) * qnorm(.975) / sqrt(n - 3))
for (case in list(c(.3, 139, 1), c(0, 60, 1), c(-.5, 60, 1), c(-.5, 200, 2.5), c(.8, 61, 1.3))) {
  ends <- out(fisher(case[1] - .05, case[2] / case[3])[1], fisher(case[1] + .05, case[2] / case[3])[2])
  name <- sprintf("fisher %g %g %g", case[1], case[2], case[3])
  put(paste(name, "low"), ends[1]); put(paste(name, "high"), ends[2])
}
feldt <- function(a, n, k) 1 - (1 - a) * qf(c(.975, .025), n - 1, (n - 1) * (k - 1))
for (case in list(c(.7, 30, 3), c(.8, 100, 3), c(.5, 60, 10))) {
  ends <- out(feldt(case[1] - .05, case[2], case[3])[1], feldt(case[1] + .05, case[2], case[3])[2])
  name <- sprintf("feldt %g %g %g", case[1], case[2], case[3])
  put(paste(name, "low"), ends[1]); put(paste(name, "high"), ends[2])
}
writeLines(unlist(rows), "associations-reference.csv")
