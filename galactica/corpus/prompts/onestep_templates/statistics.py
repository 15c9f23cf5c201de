"""Problems of statistics."""

from __future__ import annotations

import math
import statistics

from galactica.corpus.prompts.onestep_templates.template import MATH, Numbers, Template, Variable

TEMPLATES: tuple[Template, ...] = (
    Template(
        name="z-score",
        field="statistics",
        variables=(Variable("value", 20, 180), Variable("mean", 40, 140), Variable("deviation", 3, 25, 1)),
        questions=(
            "A measurement of {value} is from a population with mean {mean} and standard deviation {deviation}. Find "
            "its z-score.",
            "How many standard deviations does {value} lie from a mean of {mean}, if the standard deviation is "
            "{deviation}?",
            "Scores have the mean {mean} and the standard deviation {deviation}. Standardise a score of {value}.",
        ),
        explanation="The z-score is the distance from the mean in units of the standard deviation.",
        formula=r"z = \frac{x - \mu}{\sigma}",
        lines=("z = (value - mean) / deviation",),
        result="z",
        quantity="z-score",
        unit="",
        solve=lambda value, mean, deviation: value / deviation - mean / deviation,
        between=(0.01, 6),
    ),
    Template(
        name="binomial probability",
        field="statistics",
        variables=(Variable("n", 5, 20), Variable("k", 0, 5), Variable("p", 0.05, 0.95, 2)),
        questions=(
            "A trial succeeds with probability {p}. What is the probability of exactly {k} successes in {n} "
            "independent trials?",
            "In {n} independent trials of success probability {p}, how likely are exactly {k} successes?",
            "Each of {n} seeds germinates with probability {p}, independently of the others. Find the probability "
            "that exactly {k} do.",
        ),
        explanation=(
            "Each choice of the successful trials has the same probability, and there are n over k such choices."
        ),
        formula=r"P(X = k) = \binom{n}{k} p^k (1 - p)^{n - k}",
        lines=("probability = math.comb(n, k) * p**k * (1 - p) ** (n - k)",),
        result="probability",
        quantity="probability",
        unit="",
        solve=lambda n, k, p: (
            math.factorial(n) // (math.factorial(k) * math.factorial(n - k)) * (1 - p) ** (n - k) * p**k
        ),
        imports=MATH,
    ),
    Template(
        name="sample standard deviation",
        field="statistics",
        variables=(Numbers("sample", 10, 99, 5, 9),),
        questions=(
            "Find the sample standard deviation of {sample}.",
            "A measurement was repeated with the results {sample}. What is the standard deviation of the sample?",
            "What is the standard deviation (with n - 1 in the denominator) of the numbers {sample}?",
        ),
        explanation=(
            "The sample standard deviation is the square root of the sum of squared deviations from the mean over n "
            "- 1."
        ),
        formula=r"s = \sqrt{\frac{1}{n - 1} \sum_{i=1}^{n} (x_i - \bar{x})^2}",
        lines=(
            "n = len(sample)",
            "mean = sum(sample) / n",
            "deviation = math.sqrt(sum((x - mean) ** 2 for x in sample) / (n - 1))",
        ),
        result="deviation",
        quantity="sample standard deviation",
        unit="",
        solve=lambda sample: statistics.stdev(sample),
        imports=MATH,
    ),
    Template(
        name="predictive value",
        field="statistics",
        variables=(
            Variable("prevalence", 0.1, 20, 1),
            Variable("sensitivity", 70, 99),
            Variable("specificity", 80, 99),
        ),
        questions=(
            "A disease has a prevalence of {prevalence} %. A test has a sensitivity of {sensitivity} % and a "
            "specificity of "
            "{specificity} %. What is the probability, in %, that a person who tests positive has the disease?",
            "{prevalence} % of a population carry a virus. A test detects {sensitivity} % of the carriers and is "
            "correctly negative "
            "for {specificity} % of the others. What percentage of positive tests are right?",
            "Find the positive predictive value in % of a test of sensitivity {sensitivity} % and specificity "
            "{specificity} % where "
            "the prevalence is {prevalence} %.",
        ),
        explanation=(
            "By Bayes' theorem we divide the share of true positives by the share of all positives, true and false."
        ),
        formula=r"P(D \mid +) = \frac{P(+ \mid D) P(D)}{P(+ \mid D) P(D) + P(+ \mid \bar{D}) P(\bar{D})}",
        lines=(
            "true_positives = sensitivity / 100 * prevalence / 100",
            "false_positives = (1 - specificity / 100) * (1 - prevalence / 100)",
            "value = 100 * true_positives / (true_positives + false_positives)",
        ),
        result="value",
        quantity="positive predictive value",
        unit="%",
        solve=lambda prevalence, sensitivity, specificity: (
            100 / (1 + (100 - specificity) * (100 - prevalence) / (sensitivity * prevalence))
        ),
        form=".1f",
    ),
    Template(
        name="Poisson probability",
        field="statistics",
        variables=(Variable("rate", 0.5, 9, 1), Variable("k", 0, 9)),
        questions=(
            "A counter registers {rate} events a minute on average. What is the probability of exactly {k} events in "
            "one minute?",
            "Rare events follow a Poisson distribution of mean {rate}. How likely are exactly {k} of them?",
            "A page holds {rate} misprints on average. Assuming a Poisson distribution, find the probability of a "
            "page with exactly {k}.",
        ),
        explanation="Independent events that occur at a constant mean rate follow the Poisson distribution.",
        formula=r"P(X = k) = \frac{\lambda^k e^{-\lambda}}{k!}",
        lines=("probability = rate**k * math.exp(-rate) / math.factorial(k)",),
        result="probability",
        quantity="probability",
        unit="",
        solve=lambda rate, k: math.exp(k * math.log(rate) - rate - math.lgamma(k + 1)),
        imports=MATH,
    ),
    Template(
        name="standard error",
        field="statistics",
        variables=(Variable("deviation", 1, 40, 1), Variable("n", 8, 400)),
        questions=(
            "A sample of {n} values has the standard deviation {deviation}. What is the half width of the 95 % "
            "confidence interval of the "
            "mean, with the factor 1.96?",
            "Find the margin of error at 95 % confidence (z = 1.96) of the mean of {n} measurements with standard "
            "deviation {deviation}.",
            "{n} independent measurements scatter with a standard deviation of {deviation}. Within what distance of "
            "the sample mean does "
            "the true mean lie with 95 % confidence (use 1.96 standard errors)?",
        ),
        explanation=(
            "The standard error of a mean is the standard deviation over the square root of the number of values."
        ),
        formula=r"\Delta = 1.96 \frac{s}{\sqrt{n}}",
        lines=("margin = 1.96 * deviation / math.sqrt(n)",),
        result="margin",
        quantity="margin of error",
        unit="",
        solve=lambda deviation, n: math.sqrt((1.96 * deviation) ** 2 / n),
        imports=MATH,
        form=".3g",
    ),
)
