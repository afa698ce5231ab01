"""The smallest api-delay whose failure rate is below a limit, searched for adaptively: a state machine without I/O.

Assumed of the service: its failure rate does not rise with the delay. Nothing else: cliffs, tails and plateaus are all welcome.

- `delays.py`: which delays can be tried, and so how finely the answer is located.
- `evidence.py`: what the counts say. Belief steers the search; bets prove, whatever the search does.
- `search.py`: asks for rounds of iterations, is told their counts, and stops as soon as it can.
- `answer.py`: what is then known, in numbers and in a sentence.

numpy takes 0.1 s to import; so only who searches imports this room.
"""
