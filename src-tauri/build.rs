//! Lets the crate compile before the window's files are built, and again when they change.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    std::fs::create_dir_all("../ui/dist")?;
    println!("cargo:rerun-if-changed=../ui/dist");
    tauri_build::build();
    Ok(())
}
