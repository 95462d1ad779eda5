//! What was published as 0.3.1 and 0.2.2 stays source-compatible: the same code, as users write it, is compiled
//! against that and against ours. Only ours is run: what was published gives wrong counts.

#[expect(dead_code, reason = "it is only compiled")]
mod published {
    use {published_rsevents as core_crate, published_rsevents_extra as extra_crate};

    include!("published_api/shapes.rs");
}

mod ours {
    use {rsevents as core_crate, rsevents_extra as extra_crate};

    include!("published_api/shapes.rs");

    #[test]
    fn code_of_users_works() {
        commands();
        function_pointers();
        fields();
        borrowed_events();
        errors();
        awaitable_types_of_users();
        semaphores();
        countdowns();
    }
}
