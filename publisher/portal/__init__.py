"""The public portal: pages and files of what was released, for people and programs.

It is given a folder of releases and reads nothing else; `app.create_portal` makes it.
"""
