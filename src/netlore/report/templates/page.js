// A link into a closed table opens it.
for (const event of ["hashchange", "load"]) {
  window.addEventListener(event, () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target?.tagName === "DETAILS") target.open = true;
  });
}
