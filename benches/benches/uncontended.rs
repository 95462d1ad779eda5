//! One thread, nobody else: what the fast paths cost.

use benches::uncontended::CASES;
use criterion::{Criterion, criterion_group, criterion_main};

fn all(criterion: &mut Criterion) {
    for case in CASES {
        let mut group = criterion.benchmark_group(format!("uncontended/{}", case.row));
        group.bench_function(case.contender, |bencher| bencher.iter_custom(case.repeat));
    }
}

criterion_group!(uncontended, all);
criterion_main!(uncontended);
