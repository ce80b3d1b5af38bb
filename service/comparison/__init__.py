"""Two models side by side, bundles or running services: do they answer alike, and how fast?"""
