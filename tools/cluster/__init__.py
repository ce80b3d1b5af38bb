"""What the Make targets for a cluster do: minikube, the image, the release. Needs Python alone, no packages."""
