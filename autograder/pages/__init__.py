"""Pages that people read: reports and classes as HTML files that need nothing but themselves.

Imported only where pages are asked for: matplotlib and Jinja cost more time than grading a function.
"""
