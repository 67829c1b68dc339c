"""The public portal: pages and files of what was released, for people and programs.

It is given a folder of releases and reads nothing else.
"""

from publisher.portal.app import create_portal

__all__ = ["create_portal"]
