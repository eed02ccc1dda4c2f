from nntasks.machine.program import forget_working_directory

if __name__ == "__main__":
    forget_working_directory()
    from nntasks.cli import main

    main()
