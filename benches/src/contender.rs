//! How most contenders come to their trait: by one function for each of its methods.

/// Declares a contender, and implements a trait by functions of what is inside.
macro_rules! contender {
    ($(#[$doc:meta])* $name:ident($inner:ty): $trait:ident = $id:literal, $new:expr,
     $($method:ident $(-> $out:ty)?: $body:expr),+) => {
        $(#[$doc])*
        pub struct $name($inner);

        impl $trait for $name {
            const ID: &'static str = $id;

            fn new() -> Self {
                Self($new)
            }

            $(
                #[inline]
                fn $method(&self) $(-> $out)? {
                    $body(&self.0)
                }
            )+
        }
    };
}
pub(crate) use contender;
