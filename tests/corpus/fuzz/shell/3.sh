f(){ f|f& };f; case $x in a|b) ls;; *) eval "$y";; esac; for i in {1..3}; do ((i++)); done; cat <<EOF | sh
ls $(id)
EOF
sh <<< 'ls'