"""`python -m policy_match` is the same as `policy-match`."""

from policy_match.cli import main

if __name__ == "__main__":
    main()
