"""Back at school: the plan, the teacher's form, and what the office answers."""
